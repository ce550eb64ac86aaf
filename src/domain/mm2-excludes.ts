/** MM2's own exclude of 4.x (KIP-1074); it covers the Connect storage topics of kmk, on 3.9 the policy does the rest. */
export const TOPICS_EXCLUDE = ['mm2.*\\.internal', '.*\\.replica', '__.*'];
export const GROUPS_EXCLUDE = ['console-consumer-.*', 'connect-.*', '__.*'];
