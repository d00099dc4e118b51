/**
 * Milliseconds that this process computes while `work` lasts, on all of its threads. What else the machine does changes
 * the time that passes, and this hardly.
 */
export async function cpuTime(work: () => unknown): Promise<number> {
  const before = process.cpuUsage();
  await work();
  const { user, system } = process.cpuUsage(before);
  return (user + system) / 1000;
}
