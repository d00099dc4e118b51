import { once } from 'node:events';
import { connect, type Socket } from 'node:net';

/** Writes just these bytes to a server and resolves to all that it answers until it closes, or until `until` is seen. */
export async function rawRequest(port: number, text: string, until?: RegExp): Promise<string> {
  const socket = await openSocket(port);
  socket.write(text);
  let answer = '';
  for await (const chunk of socket) {
    answer += String(chunk);
    if (until?.test(answer)) break;
  }
  socket.destroy();
  return answer;
}

/** Writes `text` and hangs up as soon as it has left. */
export async function hangUp(port: number, text: string): Promise<void> {
  const socket = await openSocket(port);
  await new Promise((resolve) => socket.write(text, resolve));
  socket.destroy();
  await once(socket, 'close');
}

export async function openSocket(port: number): Promise<Socket> {
  const socket = connect(port, '127.0.0.1');
  socket.on('error', () => {});
  await once(socket, 'connect');
  return socket;
}
