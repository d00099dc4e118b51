import type { Command } from 'commander';
import { defineCommand } from '../define.ts';
import type { Hosts } from '../hosts.ts';
import { segment } from '../paths.ts';

/** An account that can be locked out: a user or a robot. */
export interface AccountKind {
  readonly noun: 'user' | 'robot';
  /** A name for the examples. */
  readonly example: string;
  /** What stays and what ends when it is disabled. */
  readonly effect: string;
  readonly notes?: string;
}

/** Adds `disable` and `enable`. */
export function addAccountStates(
  group: Command,
  hosts: Hosts,
  { noun, example, effect, notes }: AccountKind,
): void {
  const addState = (verb: 'disable' | 'enable', summary: string) =>
    defineCommand(group, hosts, {
      usage: `${verb} <name>`,
      summary,
      examples: [`berth ${noun} ${verb} ${example}`],
      ...(verb === 'disable' && notes !== undefined && { notes }),
      async run({ api, output }, name) {
        const change = { disabled: verb === 'disable' };
        const answer = await api.request('PATCH', `/${noun}s/${segment(name)}`, change);
        output.show(answer, () => `${noun === 'user' ? 'User' : 'Robot'} ${name} is ${verb}d.`);
      },
    });
  addState('disable', `lock a ${noun} out at once; ${effect}`);
  addState('enable', `let a disabled ${noun} in again`);
}
