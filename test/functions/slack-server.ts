import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';

/** What the stand-in for Slack answers to one request. */
export interface SlackAnswer {
  readonly status: number;
  readonly text?: string;
  readonly headers?: Readonly<Record<string, string>>;
}

/** A stand-in for Slack's incoming webhooks on the loopback address. */
export interface SlackServer {
  readonly url: URL;
  /** Requests in their order, with their answers. */
  readonly requests: { readonly path: string; readonly body: string; readonly status: number }[];
  close(): Promise<void>;
}

/** @param answerTo what is answered to a request, by its place in the order from 0 on and its body */
export async function openSlackServer(
  answerTo: (at: number, body: string, path: string) => SlackAnswer,
): Promise<SlackServer> {
  const requests: SlackServer['requests'] = [];
  const server = createServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on('data', (chunk: Buffer) => chunks.push(chunk));
    request.on('end', () => {
      const body = Buffer.concat(chunks).toString();
      const path = request.url ?? '';
      const { status, text = 'ok', headers = {} } = answerTo(requests.length, body, path);
      requests.push({ path, body, status });
      response.writeHead(status, headers).end(text);
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  return {
    url: new URL(`http://127.0.0.1:${port}/services/T000/B000/hooksecret`),
    requests,
    close: async () => {
      server.closeAllConnections();
      await new Promise<void>((resolve) => server.close(() => resolve()));
    },
  };
}

/** A clock that only moves when somebody sleeps. */
export function fakeTime(): { readonly clock: () => number; readonly sleep: (ms: number) => Promise<void> } {
  let now = 1_000_000;
  return {
    clock: () => now,
    sleep: async (milliseconds) => {
      now += milliseconds;
    },
  };
}
