import { availableParallelism } from 'node:os';
import { defineConfig, mergeConfig } from 'vitest/config';
import shared from '../../vitest.config.ts';

// These tests wait for processes and for time more than they compute, and vitest gives a machine of two cores one worker.
const maxWorkers = Math.max(2, availableParallelism() - 1);

export default mergeConfig(shared, defineConfig({ test: { maxWorkers } }));
