/** What the tags of the document are about. */
export const TAGS: Readonly<Record<string, string>> = {
  Session: 'The session that asks: what it is, its renewal, what hangs on it.',
  Entry: 'Coming in: by a code, by the decision of a person, as the first owner.',
  Access: 'Who has access, at once and as it changes.',
  Codes: 'Pairing codes.',
  Sessions: 'All sessions.',
  Devices: 'All devices.',
  Approvals: 'Deciding who comes in.',
  Audit: 'What was done, and how often somebody was refused.',
  Agents: 'The keys of agents.',
  'Device grant': 'The way in for devices without a browser (RFC 8628).',
  Relay: 'Letting in by relays.',
  Server: 'What this server tells of itself, and its keys.',
}
