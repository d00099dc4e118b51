import { Agent, type AgentOptions, type ClientRequestArgs } from 'node:http';
import { Agent as TlsAgent, type AgentOptions as TlsAgentOptions } from 'node:https';
import type { Duplex } from 'node:stream';

import { Intake } from './intake.ts';

type Connected = (error: Error | null, socket: Duplex) => void;
type Connect = (options: ClientRequestArgs, connected?: Connected) => Duplex | null | undefined;

/** Node's agents, with sockets whose reads can go to a `Sink`. */
export function wideAgents(options: AgentOptions, tls: TlsAgentOptions) {
  return { httpAgent: new WideAgent(options), httpsAgent: new WideTlsAgent({ ...options, ...tls }) };
}

class WideAgent extends Agent {
  override createConnection(options: ClientRequestArgs, connected?: Connected) {
    return openWide((each, then) => super.createConnection(each, then), options, connected);
  }
}

class WideTlsAgent extends TlsAgent {
  override createConnection(options: ClientRequestArgs, connected?: Connected) {
    return openWide((each, then) => super.createConnection(each, then), options, connected);
  }
}

function openWide(connect: Connect, options: ClientRequestArgs, connected?: Connected) {
  return new Intake().open((more) => connect({ ...options, ...more }, connected) as Duplex);
}
