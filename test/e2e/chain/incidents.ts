import type { Incident } from './told-content.ts';

const [MINER, POOL, PERSISTENCE] = ['Miner execution', 'Pool connection', 'Persistence setup'] as const;
const MINING_TYPES = [
  'Effects/Resource Consumption/Cryptomining',
  'TTPs/Execution/Miner Execution',
  'TTPs/Command and Control/Mining Pool Connection',
];
const PERSISTENCE_TYPE = 'TTPs/Persistence/Miner Persistence';

/** What must be told of the scenario `medium`. */
export const MEDIUM_INCIDENT: Incident = {
  host: 'i-00020000000000010',
  severity: 'Medium',
  groups: [MINER, POOL],
  next: 'High: Persistence setup',
  missing: 'Persistence setup, System optimization',
  pools: ['203.0.113.2:3333', 'pool.supportxmr.com'],
  endpoint: 'pool.supportxmr.com:3333',
  wallet: '48edfHu7V9Z84YzzMa6fUueoELZ9ZRXq9VetWzYGzKt52XU5xvqgzYnDK9URnRoJMk1j8nLwEVsaSWJ4fhdUyZijBGUicoD',
  types: MINING_TYPES,
  indicators: ['DOMAIN pool.supportxmr.com', 'IPV4_ADDRESS 203.0.113.2'],
};

/** What must be told of the scenario `service-exploit`. */
export const HIGH_INCIDENT: Incident = {
  host: 'i-00170000000000010',
  severity: 'High',
  groups: [MINER, POOL, PERSISTENCE, 'Context'],
  next: 'Critical: System optimization',
  missing: 'System optimization',
  pools: ['yespower.eu.mine.zpool.ca'],
  endpoint: 'yespower.eu.mine.zpool.ca:6234',
  wallet: 'bc1p0xlxvlhemja6c4dqv22uapctqupfhlxm9h8z3k2e72q4k9hcz7vqzk5jj0',
  types: [...MINING_TYPES, PERSISTENCE_TYPE],
  indicators: ['DOMAIN yespower.eu.mine.zpool.ca', 'IPV4_ADDRESS 203.0.113.17'],
};

/** What must be told of the scenario `critical`. */
export const CRITICAL_INCIDENT: Incident = {
  host: 'i-00040000000000010',
  severity: 'Critical',
  groups: [MINER, POOL, PERSISTENCE, 'System optimization'],
  pools: ['xmr-eu1.nanopool.org'],
  endpoint: 'xmr-eu1.nanopool.org:10343',
  wallet: '44SQVPGLufPasUcuUQSZiF5c9BFzjcP8ucDxzzFDgLf1VkCEFaidJ3u2AhSKMhPLKA3jc2iS8wQHFcaigM6fXmo6AnFRn5B',
  types: [...MINING_TYPES, PERSISTENCE_TYPE, 'Effects/Resource Consumption/System Optimization for Mining'],
  indicators: ['DOMAIN xmr-eu1.nanopool.org', 'IPV4_ADDRESS 203.0.113.4', 'IPV4_ADDRESS 203.0.113.204'],
};
