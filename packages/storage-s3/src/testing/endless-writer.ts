import { s3Driver } from '../s3-driver.ts';

/** In a process of its own: writes `w` to the file `a`, says so when there are two parts, and goes on until it is killed. */
const writer = await s3Driver(JSON.parse(process.argv[2] ?? '{}')).append('a');
for (let chunks = 0; ; chunks += 1) {
  await writer.write(Buffer.alloc(1024 * 1024, 'w'));
  if (chunks === 16) process.send?.('two parts');
}
