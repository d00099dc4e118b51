/** Rejects where `condition` does not come true within five seconds. */
export async function until(condition: () => Promise<boolean>): Promise<void> {
  const end = Date.now() + 5_000;
  while (!(await condition())) {
    if (Date.now() > end) throw new Error('it did not come to pass within five seconds');
    await new Promise((resolve) => setTimeout(resolve, 1));
  }
}
