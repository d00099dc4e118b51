const gap = '   ';

/** Lines with aligned columns under a header; columns in which nothing stands are left out. */
export function formatTable(header: readonly string[], rows: readonly (readonly string[])[]): string {
  if (rows.length === 0) return 'There are none.';
  const filled = header.map((_, column) => rows.some((row) => row[column]));
  const all = [header, ...rows].map((row) => row.filter((_, column) => filled[column]).map(printable));
  const widths = all[0]?.map((_, column) => Math.max(...all.map((row) => widthOf(row[column] ?? '')))) ?? [];
  return all.map((row) => formatRow(row, widths)).join('\n');
}

/** Names on the left, values on the right; a row without a value is left out. */
export function formatCard(rows: readonly (readonly [name: string, value: string | undefined])[]): string {
  const given = rows.filter(([, value]) => value !== undefined && value !== '');
  const width = Math.max(...given.map(([name]) => name.length));
  return given.map(([name, value]) => `${name.padEnd(width)}${gap}${printable(value ?? '')}`).join('\n');
}

/** Control characters, which could rewrite what a terminal shows, become visible. */
export function printable(text: string): string {
  return text.replace(/\p{Cc}|\p{Bidi_Control}/gu, (character) => {
    return `\\u${character.codePointAt(0)?.toString(16).padStart(4, '0')}`;
  });
}

/** {@link printable}, with the line breaks as they are. */
export function printableLines(text: string): string {
  return text.split('\n').map(printable).join('\n');
}

function formatRow(row: readonly string[], widths: readonly number[]): string {
  const cells = widths.map((width, column) => {
    const cell = row[column] ?? '';
    return cell + ' '.repeat(width - widthOf(cell));
  });
  return cells.join(gap).trimEnd();
}

function widthOf(text: string): number {
  return [...text].length;
}
