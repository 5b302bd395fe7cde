import { openEmbeddedTable } from '../../cli/embedded-table.ts';
import { storeContract } from '../correlate/store-contract.ts';

storeContract('DynamoDB (dynalite)', openEmbeddedTable);
