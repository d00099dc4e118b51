// The first process of a container has no default action for signals: Ctrl-C and `docker stop` would do nothing
// while Berth starts, or runs a short command. Where Berth waits for the signal itself, this leaves it to Berth.
const { signals } = require('node:os').constants;

if (process.pid === 1) {
  for (const name of ['SIGINT', 'SIGTERM', 'SIGHUP']) {
    process.on(name, () => {
      if (process.listenerCount(name) === 1) process.exit(128 + signals[name]);
    });
  }
}
