import { RemovalPolicy } from 'aws-cdk-lib';
import {
  type Attribute,
  AttributeType,
  BillingMode,
  ProjectionType,
  StreamViewType,
  Table,
  TableEncryption,
} from 'aws-cdk-lib/aws-dynamodb';
import type { IKey } from 'aws-cdk-lib/aws-kms';
import { Construct } from 'constructs';
import { tableDefinition } from '#shared/aws/table.ts';

/**
 * Write units a second at most: forty times what a busy account writes, since writes are bounded by places, hours and
 * rules. It bounds the bill of an attacker who mints containers; what is throttled is retried by its trigger.
 */
const WRITE_CEILING = 1_000;

export interface EvidenceTableProps {
  /** Keep the table, and refuse its deletion, when the stack goes. */
  readonly retain: boolean;
  readonly key: IKey | undefined;
}

/** The one table: keys and indexes are those that the local engine runs with. */
export class EvidenceTable extends Construct {
  readonly table: Table;

  constructor(scope: Construct, id: string, { retain, key }: EvidenceTableProps) {
    super(scope, id);
    const definition = tableDefinition('davylamp');
    const types = new Map(definition.AttributeDefinitions?.map((one) => [one.AttributeName, one.AttributeType]));
    const keyOf = (schema: typeof definition.KeySchema, role: 'HASH' | 'RANGE'): Attribute => {
      const name = schema?.find((one) => one.KeyType === role)?.AttributeName;
      if (name === undefined) throw new Error(`the table's definition names no ${role} key`);
      return { name, type: types.get(name) === 'N' ? AttributeType.NUMBER : AttributeType.STRING };
    };
    this.table = new Table(this, 'Table', {
      partitionKey: keyOf(definition.KeySchema, 'HASH'),
      sortKey: keyOf(definition.KeySchema, 'RANGE'),
      billingMode: BillingMode.PAY_PER_REQUEST,
      maxWriteRequestUnits: WRITE_CEILING,
      stream: StreamViewType.NEW_IMAGE,
      timeToLiveAttribute: 'expiresAt',
      pointInTimeRecoverySpecification: { pointInTimeRecoveryEnabled: true },
      deletionProtection: retain,
      removalPolicy: retain ? RemovalPolicy.RETAIN : RemovalPolicy.DESTROY,
      ...(key === undefined
        ? { encryption: TableEncryption.DEFAULT }
        : { encryption: TableEncryption.CUSTOMER_MANAGED, encryptionKey: key }),
    });
    for (const index of definition.GlobalSecondaryIndexes ?? []) {
      this.table.addGlobalSecondaryIndex({
        indexName: index.IndexName ?? '',
        partitionKey: keyOf(index.KeySchema, 'HASH'),
        sortKey: keyOf(index.KeySchema, 'RANGE'),
        projectionType: ProjectionType.KEYS_ONLY,
        maxWriteRequestUnits: WRITE_CEILING,
      });
    }
  }

  get streamArn(): string {
    const arn = this.table.tableStreamArn;
    if (arn === undefined) throw new Error('the table has no stream');
    return arn;
  }

  indexArn(name: string): string {
    return `${this.table.tableArn}/index/${name}`;
  }
}
