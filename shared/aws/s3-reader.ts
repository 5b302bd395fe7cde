import { GetObjectCommand, type S3Client } from '@aws-sdk/client-s3';

/** An object of which a notification told. */
export interface StoredObject {
  readonly bucket: string;
  /** As the bucket has it, not URL-encoded. */
  readonly key: string;
  readonly versionId?: string;
}

/** Stored bytes of one object that are read; vended logs write files of at most 75 MB. */
const MAX_STORED_BYTES = 2 * 1024 ** 3;

/** Reads the bytes of one object as a stream, as often as wanted: each time the same object, or an error. */
export class ObjectBytes {
  readonly #client: Pick<S3Client, 'send'>;
  readonly #object: StoredObject;
  readonly #maxBytes: number;
  #tag: string | undefined;
  /** The object is longer than what was read of it. */
  cut = false;

  constructor(client: Pick<S3Client, 'send'>, object: StoredObject, maxBytes = MAX_STORED_BYTES) {
    this.#client = client;
    this.#object = object;
    this.#maxBytes = maxBytes;
  }

  /** @throws what S3 answers: an object that is gone or may not be read fails its notification, and is told */
  async *read(): AsyncGenerator<Buffer> {
    const { bucket, key, versionId } = this.#object;
    const { Body, ETag } = await this.#client.send(
      new GetObjectCommand({ Bucket: bucket, Key: key, VersionId: versionId, IfMatch: this.#tag }),
    );
    this.#tag ??= ETag;
    if (Body === undefined) return;
    let read = 0;
    // In Node the body is a readable stream, which closes its connection when the loop is left.
    for await (const block of Body as AsyncIterable<Uint8Array>) {
      const room = this.#maxBytes - read;
      read += block.length;
      yield Buffer.from(block.buffer, block.byteOffset, Math.min(block.length, room));
      if (block.length > room) {
        this.cut = true;
        return;
      }
    }
  }
}
