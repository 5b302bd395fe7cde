/** Unsigned requests name their process by this header. */
export const CALLER_HEADER = 'x-local-caller';

/** One use of an action of AWS by a function, or by a service on the function's behalf. */
export interface Call {
  /** Logical id of the function whose role acts. */
  readonly caller: string;
  /** As policies name it, such as `dynamodb:PutItem`. */
  readonly action: string;
  /** What it acts on; a policy must allow each. */
  readonly resources: readonly string[];
  /** Condition keys that hold for this call, beside those that hold for all. */
  readonly context: Readonly<Record<string, string>>;
}

/** What functions did, in its order, and what was wrong with it. */
export class CallLog {
  readonly calls: Call[] = [];
  /** Requests beyond the limits of a service, actions that no policy allows, and parts that nobody provides. */
  readonly faults: string[] = [];

  /** The calls of one function, as `action` alone, in their order. */
  actionsOf(caller: string): readonly string[] {
    return this.calls.filter((call) => call.caller === caller).map(({ action }) => action);
  }
}

/** Whether policies of AWS have a say in a call: Slack is reached by an address that is secret. */
export function isOfAws({ action }: Call): boolean {
  return !action.startsWith('slack:');
}

const EFFECTS = new Set([
  ...['dynamodb:PutItem', 'dynamodb:UpdateItem', 'dynamodb:DeleteItem', 'sns:Publish', 'events:PutEvents'],
  ...['securityhub:BatchImportFindings', 'slack:Post', 'logs:PutSubscriptionFilter', 'logs:DeleteSubscriptionFilter'],
]);

/** Whether a call writes or sends: what a crash may follow. */
export function isEffect({ action }: Call): boolean {
  return EFFECTS.has(action);
}
