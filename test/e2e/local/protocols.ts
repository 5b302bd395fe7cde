import type { Answer, ServiceRequest } from './gateway.ts';
import type { ServiceError } from './interventions.ts';
import { fromForm } from './query-form.ts';
import type { Operation, ServiceModel } from './service-model.ts';
import { escaped, toXml } from './xml.ts';

/** How a service is spoken to on the wire. */
export interface Protocol {
  /** Name of the operation, or undefined where the request names none. */
  operation(request: ServiceRequest, model: ServiceModel): string | undefined;
  input(request: ServiceRequest, model: ServiceModel, operation: Operation): unknown;
  output(value: unknown, model: ServiceModel, operation: Operation): Answer;
  error(error: ServiceError): Answer;
}

const REQUEST_ID = '00000000-0000-4000-8000-000000000000';

/** JSON bodies with the operation in a header: DynamoDB, EventBridge, CloudWatch Logs, Secrets Manager. */
export const targetJson: Protocol = {
  operation: (request, model) => {
    const [prefix, name] = (request.headers['x-amz-target'] ?? '').split('.');
    return prefix === model.targetPrefix ? name : undefined;
  },
  input: ({ body }) => JSON.parse(body.toString() || '{}'),
  output: (value) => json(200, value ?? {}),
  error: ({ code, status, message }) => json(status, { __type: code, message }, { 'x-amzn-errortype': code }),
};

/** JSON bodies on paths: Security Hub. Its one operation used has nothing in the path. */
export const restJson: Protocol = {
  operation: ({ method, url }) =>
    method === 'POST' && url.pathname === '/findings/import' ? 'BatchImportFindings' : undefined,
  input: targetJson.input,
  output: targetJson.output,
  error: targetJson.error,
};

/** Forms in, XML out: SNS. */
export const query: Protocol = {
  operation: ({ body }) => new URLSearchParams(body.toString()).get('Action') ?? undefined,
  input: ({ body }, model, operation) =>
    operation.input === undefined
      ? {}
      : fromForm(new URLSearchParams(body.toString()), model, operation.input, 'query'),
  output: (value, model, { name, output, wrapper }) => {
    const inner = output === undefined ? '' : toXml(value, model, output);
    const result = wrapper === undefined ? inner : `<${wrapper}>${inner}</${wrapper}>`;
    return xml(
      200,
      `<${name}Response xmlns="${model.namespace}">${result}<ResponseMetadata><RequestId>${REQUEST_ID}</RequestId></ResponseMetadata></${name}Response>`,
    );
  },
  error: ({ code, status, message }) =>
    xml(
      status,
      `<ErrorResponse><Error><Type>Sender</Type><Code>${escaped(code)}</Code><Message>${escaped(message)}</Message></Error><RequestId>${REQUEST_ID}</RequestId></ErrorResponse>`,
    ),
};

/** As `query`, in EC2's dialect. */
export const ec2Query: Protocol = {
  operation: query.operation,
  input: ({ body }, model, operation) =>
    operation.input === undefined ? {} : fromForm(new URLSearchParams(body.toString()), model, operation.input, 'ec2'),
  output: (value, model, { name, output }) =>
    xml(
      200,
      `<${name}Response xmlns="${model.namespace}"><requestId>${REQUEST_ID}</requestId>${output === undefined ? '' : toXml(value, model, output)}</${name}Response>`,
    ),
  error: ({ code, status, message }) =>
    xml(
      status,
      `<Response><Errors><Error><Code>${escaped(code)}</Code><Message>${escaped(message)}</Message></Error></Errors><RequestID>${REQUEST_ID}</RequestID></Response>`,
    ),
};

/** XML errors of S3. */
export function s3Error({ code, status, message }: ServiceError): Answer {
  return xml(status, `<Error><Code>${escaped(code)}</Code><Message>${escaped(message)}</Message></Error>`);
}

function json(status: number, value: unknown, headers: Readonly<Record<string, string>> = {}): Answer {
  return {
    status,
    headers: { 'content-type': 'application/x-amz-json-1.1', 'x-amzn-requestid': REQUEST_ID, ...headers },
    body: JSON.stringify(value),
  };
}

function xml(status: number, text: string): Answer {
  return {
    status,
    headers: { 'content-type': 'text/xml', 'x-amzn-requestid': REQUEST_ID },
    body: `<?xml version="1.0" encoding="UTF-8"?>${text}`,
  };
}
