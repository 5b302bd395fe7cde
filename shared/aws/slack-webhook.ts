import { GetSecretValueCommand, type SecretsManagerClient } from '@aws-sdk/client-secrets-manager';
import { CONTAINER_PACE_MS } from './slack-pace.ts';

/** The body of a request to an incoming webhook. */
export interface WebhookBody {
  readonly text: string;
  readonly blocks?: readonly object[];
}

/** What became of a message. No text here ever holds the webhook's URL, which is a secret. */
export type Posted =
  | { readonly outcome: 'sent' }
  /** Worth another try: throttled for longer than there is time, a server's error, no answer. */
  | { readonly outcome: 'later'; readonly why: string }
  /** No message will ever get through until somebody repairs the channel, the webhook or the secret. */
  | { readonly outcome: 'dead'; readonly why: string }
  /** Slack does not take this message in any form; others may get through. */
  | { readonly outcome: 'refused'; readonly why: string };

export interface SlackWebhook {
  /**
   * Posts one message, at the pace of a container after the one before it, waiting out throttling and short failures while
   * `deadline` allows.
   * @param deadline time in milliseconds of the given clock at which the caller must have its answer
   */
  post(body: WebhookBody, deadline: number): Promise<Posted>;
}

export interface WebhookPorts {
  /** The webhook's URL; `fresh` asks for it again, whatever is remembered. */
  readonly url: (fresh: boolean) => Promise<URL>;
  /** Milliseconds. */
  readonly clock: () => number;
  readonly sleep: (milliseconds: number) => Promise<void>;
}

const REQUEST_MS = 5000;
/** Where a 429 or a server's error names no delay. */
const DEFAULT_DELAY_MS = 1000;
/** Requests of one message that may end in a server's error, before it waits in the queue. */
const MAX_SERVER_ERRORS = 3;
/** No header may silence a container for longer than this. */
const MAX_DELAY_MS = 900_000;
/** A forbidden post; a webhook, channel or team that is gone; an archived channel. */
const DEAD: ReadonlySet<number> = new Set([403, 404, 410]);

/**
 * An incoming webhook. Its pace outlives an invocation: make one for each container.
 * What statuses mean: docs.slack.dev, "Sending messages using incoming webhooks", error handling; 400 is the message's
 * fault.
 */
export function slackWebhook({ url, clock, sleep }: WebhookPorts): SlackWebhook {
  let notBefore = 0;

  /** Waits for the next turn; false if that or the request after it would end beyond the deadline. */
  const turn = async (deadline: number): Promise<boolean> => {
    const now = clock();
    if (Math.max(now, notBefore) + REQUEST_MS > deadline) return false;
    if (notBefore > now) await sleep(notBefore - now);
    return true;
  };

  const request = async (target: URL, body: WebhookBody): Promise<Answer> => {
    const answer = await send(target, body);
    const asked = answer.status === 429 || answer.status >= 500 ? answer.delay : CONTAINER_PACE_MS;
    const delay = Math.min(Math.max(asked, CONTAINER_PACE_MS), MAX_DELAY_MS);
    notBefore = clock() + delay;
    return answer;
  };

  const post = async (body: WebhookBody, deadline: number): Promise<Posted> => {
    let target = await url(false);
    let sent = body;
    let renewed = false;
    let serverErrors = 0;
    for (;;) {
      if (!(await turn(deadline))) return { outcome: 'later', why: 'no time left in this invocation' };
      const { status, word } = await request(target, sent);
      const why = status === 0 ? `no answer from Slack (${word})` : `Slack answered ${status} ${word}`.trimEnd();
      if (status >= 200 && status < 300) return { outcome: 'sent' };
      if (status === 429 || (status >= 500 && ++serverErrors < MAX_SERVER_ERRORS)) continue;
      if (status === 400) {
        if (sent.blocks === undefined) return { outcome: 'refused', why };
        // Rather the bare line than nothing: limits that Slack does not name may change.
        sent = { text: body.text };
      } else if (DEAD.has(status)) {
        // Somebody may have put a new webhook in the secret since it was read.
        const next = renewed ? target : await url(true);
        if (next.href === target.href) return { outcome: 'dead', why };
        target = next;
        renewed = true;
      } else {
        return { outcome: 'later', why };
      }
    }
  };
  return { post: (body, deadline) => post(body, deadline).catch(unreadable) };
}

interface Answer {
  /** 0: no answer came. */
  readonly status: number;
  /** Slack's own word for what is wrong, or why no answer came. */
  readonly word: string;
  /** What a 429 or a server's error asks to wait, in milliseconds. */
  readonly delay: number;
}

const isWord = (text: string): boolean => /^[A-Za-z0-9_]{1,40}$/.test(text);

async function send(target: URL, body: WebhookBody): Promise<Answer> {
  try {
    const response = await fetch(target, {
      method: 'POST',
      headers: { 'content-type': 'application/json; charset=utf-8' },
      body: JSON.stringify(body),
      redirect: 'manual',
      signal: AbortSignal.timeout(REQUEST_MS),
    });
    const text = (await response.text()).trim();
    const seconds = response.headers.get('retry-after')?.trim() ?? '';
    return {
      status: response.status,
      word: isWord(text) ? text : '',
      delay: /^\d{1,6}$/.test(seconds) ? Number(seconds) * 1000 : DEFAULT_DELAY_MS,
    };
  } catch (error) {
    // Messages of such errors may hold the URL: only their codes are told.
    const cause = error instanceof Error && error.cause instanceof Error ? error.cause : error;
    const code = cause instanceof Error ? ('code' in cause ? String(cause.code) : cause.name) : '';
    return { status: 0, word: isWord(code) ? code : 'error', delay: 0 };
  }
}

/** The secret can't be read or holds no webhook: `message` names what to do, never what the secret holds. */
class WebhookSecretError extends Error {
  override readonly name = 'WebhookSecretError';
}

function unreadable(error: unknown): Posted {
  if (error instanceof WebhookSecretError) return { outcome: 'dead', why: error.message };
  return { outcome: 'later', why: `the secret could not be read (${error instanceof Error ? error.name : 'error'})` };
}

/** Errors of Secrets Manager that no retry will mend. */
const LASTING = new Set([
  'AccessDeniedException',
  'DecryptionFailure',
  'InvalidParameterException',
  'InvalidRequestException',
  'ResourceNotFoundException',
]);

const LOOPBACK = new Set(['127.0.0.1', 'localhost', '[::1]']);

/**
 * Reads the webhook's URL from Secrets Manager and remembers it: the secret is its text, or JSON with the URL under
 * `url`. Plain http is taken on the loopback address alone.
 */
export function webhookSecret(client: SecretsManagerClient, name: string): WebhookPorts['url'] {
  let known: URL | undefined;
  return async (fresh) => {
    if (known !== undefined && !fresh) return known;
    known = webhookUrl(await secretText(client, name), name);
    return known;
  };
}

async function secretText(client: SecretsManagerClient, name: string): Promise<string> {
  try {
    return (await client.send(new GetSecretValueCommand({ SecretId: name }))).SecretString ?? '';
  } catch (error) {
    if (!(error instanceof Error) || !LASTING.has(error.name)) throw error;
    throw new WebhookSecretError(`the secret ${name} could not be read: ${error.name}`);
  }
}

function webhookUrl(secret: string, name: string): URL {
  const url = URL.parse(urlText(secret.trim()));
  const safe = url?.protocol === 'https:' || (url?.protocol === 'http:' && LOOPBACK.has(url.hostname));
  if (url === null || !safe) throw new WebhookSecretError(`the secret ${name} holds no https URL of a webhook`);
  return url;
}

function urlText(secret: string): string {
  if (!secret.startsWith('{')) return secret;
  try {
    const parsed: unknown = JSON.parse(secret);
    return typeof parsed === 'object' && parsed !== null && 'url' in parsed ? String(parsed.url) : '';
  } catch {
    return ''; // No JSON and no URL: the caller says that the secret holds none.
  }
}
