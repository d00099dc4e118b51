/** Rejects where `condition` does not come true within twenty seconds. */
export async function until(condition: () => Promise<boolean>): Promise<void> {
  const end = Date.now() + 20_000;
  while (!(await condition())) {
    if (Date.now() > end) throw new Error('it did not come to pass within twenty seconds');
    await new Promise((resolve) => setTimeout(resolve, 1));
  }
}
