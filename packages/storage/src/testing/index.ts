export { describeStorageDriver, type DriverUnderTest } from './describe-storage-driver.ts';
export { faultDriver } from './fault-driver.ts';
export type { FaultMember, FaultPath, Faults } from './faults.ts';
export { listFiles, patternBytes, readFile, writeFile } from './files.ts';
export { findProgram, isRequired, type TestEnvironment } from './programs.ts';
