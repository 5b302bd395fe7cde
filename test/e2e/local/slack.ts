import type { Answer, Gateway, LocalService } from './gateway.ts';
import { at, isFields } from './json.ts';
import { SlackPace } from './slack-pace.ts';

interface SlackAnswer {
  readonly status: number;
  readonly text?: string;
  /** Seconds to wait, of a 429. */
  readonly retryAfter?: number;
}

/** One request to the webhook. */
interface SlackPost {
  readonly body: unknown;
  readonly status: number;
  /** Seconds that a 429 asked to wait. */
  readonly retryAfter: number | undefined;
  /** Milliseconds since the epoch. */
  readonly at: number;
}

/** docs.slack.dev, "Blocks": most characters or entries of each part. */
const MOST = {
  blocks: 50,
  header: 150,
  section: 3000,
  fields: 10,
  field: 2000,
  elements: 10,
  blockId: 255,
  text: 40_000,
};
/** An undocumented bound of the whole (slackapi/bolt-js, issue 2509: `msg_blocks_too_long`). */
const MOST_OF_ALL = 13_200;
const ENTITY = /&(?!(?:amp|lt|gt);)/;

/** Slack: an incoming webhook that takes what Block Kit allows, at the pace of its limit. */
export class Slack {
  readonly posts: SlackPost[] = [];
  /** How many messages it takes in a time; what is answered as planted does not count. */
  readonly pace = new SlackPace();
  /** What is answered next, one after the other, whatever is asked. */
  readonly answers: SlackAnswer[] = [];
  readonly service: LocalService;
  readonly url: string;

  constructor(gateway: Gateway) {
    this.url = `${gateway.url}/slack/services/T000/B000/hooksecret`;
    this.service = {
      name: 'slack',
      answer: async ({ method, url, headers, body, enter }) => {
        enter('slack:Post', [url.pathname]);
        const faults =
          method === 'POST' && (headers['content-type'] ?? '').startsWith('application/json')
            ? messageFaults(JSON.parse(body.toString()))
            : ['the request is no post of JSON'];
        gateway.log.faults.push(...faults.map((fault) => `slack: ${fault}`));
        const answer = this.answers.shift() ?? this.#answer(faults);
        const { status, retryAfter } = answer;
        this.posts.push({ body: JSON.parse(body.toString()), status, retryAfter, at: Date.now() });
        return rendered(answer);
      },
    };
  }

  #answer(faults: readonly string[]): SlackAnswer {
    const retryAfter = this.pace.take(performance.now());
    if (retryAfter > 0) return { status: 429, text: 'rate_limited', retryAfter };
    return faults.length > 0 ? { status: 400, text: 'invalid_blocks' } : { status: 200 };
  }

  /** Messages that were taken. */
  get taken(): readonly unknown[] {
    return this.posts.filter(({ status }) => status === 200).map(({ body }) => body);
  }
}

function rendered({ status, text = 'ok', retryAfter }: SlackAnswer): Answer {
  const wait: Record<string, string> = retryAfter === undefined ? {} : { 'retry-after': String(retryAfter) };
  return { status, headers: { 'content-type': 'text/plain', ...wait }, body: text };
}

function messageFaults(message: unknown): readonly string[] {
  const faults: string[] = [];
  const blocks = at(message, 'blocks') ?? [];
  const text = at(message, 'text');
  if (typeof text !== 'string' || text === '' || text.length > MOST.text)
    faults.push('text is absent, empty or too long');
  if (!Array.isArray(blocks)) return [...faults, 'blocks are no list'];
  if (blocks.length > MOST.blocks) faults.push(`${blocks.length} blocks, more than ${MOST.blocks}`);
  faults.push(
    ...blocks.flatMap((block: unknown, place) => blockFaults(block).map((fault) => `blocks[${place}]: ${fault}`)),
  );
  const all = textsOf(blocks).reduce((sum, one) => sum + one.length, 0);
  if (all > MOST_OF_ALL) faults.push(`the blocks hold ${all} characters, more than ${MOST_OF_ALL}`);
  for (const one of textsOf(message)) if (ENTITY.test(one)) faults.push(`an entity is cut or not escaped: ${one}`);
  return faults;
}

function blockFaults(block: unknown): readonly string[] {
  if (!isFields(block)) return ['is no object'];
  const faults: string[] = [];
  const within = (value: unknown, most: number, what: string): void => {
    if (typeof value !== 'string' || value === '' || value.length > most)
      faults.push(`${what} is empty or longer than ${most}`);
  };
  if (block['block_id'] !== undefined) within(block['block_id'], MOST.blockId, 'block_id');
  switch (block['type']) {
    case 'header':
      within(at(block, 'text', 'text'), MOST.header, 'its text');
      if (at(block, 'text', 'type') !== 'plain_text') faults.push('a header is plain text');
      break;
    case 'section': {
      const fields = block['fields'];
      if (block['text'] !== undefined) within(at(block, 'text', 'text'), MOST.section, 'its text');
      else if (fields === undefined) faults.push('a section has text or fields');
      if (Array.isArray(fields)) {
        if (fields.length === 0 || fields.length > MOST.fields) faults.push(`${fields.length} fields`);
        for (const field of fields) within(at(field, 'text'), MOST.field, 'a field');
      }
      break;
    }
    case 'context': {
      const elements = block['elements'];
      const count = Array.isArray(elements) ? elements.length : 0;
      if (count === 0 || count > MOST.elements) faults.push(`${count} elements`);
      break;
    }
    case 'divider':
      break;
    default:
      faults.push(`a block of type ${String(block['type'])} is not known here`);
  }
  return faults;
}

/** Every `text` in a message, however deep. */
function textsOf(value: unknown): readonly string[] {
  if (Array.isArray(value)) return value.flatMap(textsOf);
  if (!isFields(value)) return [];
  return Object.entries(value).flatMap(([name, one]) =>
    name === 'text' && typeof one === 'string' ? [one] : textsOf(one),
  );
}
