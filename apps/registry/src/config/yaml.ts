import {
  EVENT_ID,
  Schema,
  YAMLException,
  constructFromEvents,
  defineScalarTag,
  getScalarValue,
  mapTag,
  mergeTag,
  nullYaml11Tag,
  parseEvents,
  seqTag,
  strTag,
} from 'js-yaml';
import type { Event } from 'js-yaml';
import { join } from './origins.ts';

const spelledTypes = ['bool', 'int', 'float', 'timestamp'].map((name) =>
  defineScalarTag(`tag:yaml.org,2002:${name}`, { resolve: (text) => text, identify: () => false }),
);

/**
 * Every scalar stays the text that was written; only null is resolved. As with Go's typed fields, the type of the *key* decides
 * what a text means (`scalars.ts`): `secret: 0123` is the text `0123`, `expiration: 0600` is octal, `enabled: on` is true.
 */
const textSchema = new Schema([strTag, seqTag, mapTag, nullYaml11Tag, mergeTag, ...spelledTypes]);

/** Text that is not YAML. `line` counts from 1. */
export class YamlSyntaxError extends Error {
  override readonly name = 'YamlSyntaxError';
  readonly line: number | undefined;

  constructor(reason: string, line?: number, options?: ErrorOptions) {
    super(reason, options);
    this.line = line;
  }
}

/**
 * The document in `text`: mappings, lists, texts and null; empty text is null. Calls `note` with the line, from 1, of every key
 * and entry of a list. Throws YamlSyntaxError.
 */
export function readYaml(text: string, note: (path: string, line: number) => void = () => {}): unknown {
  try {
    const events = parseEvents(text, {});
    const documents = constructFromEvents(events, { source: text, schema: textSchema });
    if (documents.length > 1) throw new YamlSyntaxError('holds more than one YAML document');
    noteLines(events, text, note);
    return documents[0] ?? null;
  } catch (error) {
    if (!(error instanceof YAMLException)) throw error;
    const line = error.mark === undefined ? undefined : error.mark.line + 1;
    throw new YamlSyntaxError(`is not valid YAML: ${error.reason}`, line, { cause: error });
  }
}

type Frame = { kind: 'document' | 'list' | 'mapping'; path: string; entries: number; key?: string };

/** Walks the parser's events. What an alias or a merge brings in has no line of its own: it has that of the key above it. */
function noteLines(events: Event[], text: string, note: (path: string, line: number) => void): void {
  const frames: Frame[] = [{ kind: 'document', path: '', entries: 0 }];
  for (const event of events) {
    const frame = frames.at(-1)!;
    if (event.type === EVENT_ID.POP) {
      frames.pop();
    } else if (event.type === EVENT_ID.DOCUMENT) {
      frames.push({ kind: 'document', path: '', entries: 0 });
    } else {
      const { path, begins } = placeOf(event, frame, text);
      if (begins) note(path, lineAt(text, startOf(event)));
      if (event.type === EVENT_ID.MAPPING) frames.push({ kind: 'mapping', path, entries: 0 });
      if (event.type === EVENT_ID.SEQUENCE) frames.push({ kind: 'list', path, entries: 0 });
    }
  }
}

type Node = Exclude<Event, { type: typeof EVENT_ID.POP | typeof EVENT_ID.DOCUMENT }>;

/** The path of a node; `begins` where its line is the line of the path: at a key, at an entry of a list. */
function placeOf(node: Node, frame: Frame, text: string): { path: string; begins: boolean } {
  if (frame.kind === 'document') return { path: '', begins: false };
  if (frame.kind === 'list') return { path: join(frame.path, frame.entries++), begins: true };
  if (frame.key === undefined) {
    frame.key = node.type === EVENT_ID.SCALAR ? getScalarValue(text, node) : '?';
    return { path: join(frame.path, frame.key), begins: true };
  }
  const path = join(frame.path, frame.key);
  delete frame.key;
  return { path, begins: false };
}

function startOf(node: Node): number {
  if (node.type === EVENT_ID.SCALAR) return node.valueStart;
  return node.type === EVENT_ID.ALIAS ? node.anchorStart : node.start;
}

function lineAt(text: string, offset: number): number {
  return text.slice(0, offset).split(/\r\n|\r|\n/).length;
}
