import { edit, type Mutant } from './mutant.ts'

/** The same of agents, the device grant and relays. */
export const EXTENSIONS: readonly Mutant[] = [
  {
    name: 'a key does not check where the keys of its agent are listed',
    edits: [edit('agent/agent-key-records.ts', '          checkOf(slot),\n', '')],
    among: ["robot binds | robot binds by Anna's code (code, agents)"],
    breaks: 'its agent had a key',
  },
  {
    name: 'a bind does not check its code',
    edits: [
      edit(
        'agent/support-service.ts',
        'checks: [checkOf(admission), ...checks, ...made.checks],',
        'checks: [checkOf(admission), ...made.checks],',
      ),
    ],
    among: ['robot binds | otto revokes the support code (code, agents)'],
    breaks: 'its code was revoked',
  },
  {
    name: 'a bind does not check the mode',
    edits: [
      edit(
        'agent/support-service.ts',
        'checks: [checkOf(admission), ...checks, ...made.checks],',
        'checks: [...checks, ...made.checks],',
      ),
    ],
    among: ['robot binds | otto sets closed (code, agents)'],
    breaks: 'the mode was closed',
  },
  {
    name: 'a support code is not used up',
    edits: [edit('agent/support-service.ts', 'used, ...made.writes],', '...made.writes],')],
    among: ['robot binds (code, agents)'],
    breaks: '0 uses of',
  },
  {
    name: 'a key that was refused and is found done stands',
    edits: [
      edit(
        'agent/agent-key-records.ts',
        'undo: {\n          checks: [],\n          writes: revocations',
        'undo: false && {\n          checks: [],\n          writes: revocations',
      ),
    ],
    among: ['robot binds (code, agents)'],
    breaks: 'who was refused has none',
    faults: 2,
  },
  {
    name: 'who issues a key is not checked',
    edits: [
      edit(
        'agent/agent-keys-service.ts',
        'checks: [...checks, checkOf(epoch), ...made.checks],',
        'checks: [checkOf(epoch), ...made.checks],',
      ),
    ],
    among: ['anna issues a key for robot | otto revokes the session of anna (code, agents)'],
    breaks: 'only who stands at that instant decides',
  },
  {
    name: 'a rotation does not check the key that it follows',
    edits: [
      edit(
        'agent/agent-keys-service.ts',
        'checks: [...checks, ...standpoint.checks, ...made.checks],',
        'checks: [...checks, ...made.checks],',
      ),
    ],
    among: ['otto rotates the key | otto revokes the key (code, agents)'],
    breaks: 'what it follows stood no more',
  },
  {
    name: 'a rotation that was refused and is found done is not taken back',
    edits: [
      edit('agent/agent-keys-service.ts', '            undo: () => takeBack(old.id, heir),\n', ''),
      edit(
        'agent/agent-keys-service.ts',
        '            own: made.own,\n',
        '            own: made.own,\n            undo: async () => null,\n',
      ),
    ],
    among: ['otto rotates the key (code, agents)'],
    breaks: 'who was refused has none',
    faults: 2,
  },
  {
    name: 'a revoke of a key checks the key',
    edits: [
      edit(
        'agent/agent-keys-service.ts',
        'return { answer: undefined, change: { ...mark, journal: [event] } }',
        'const also = [...mark.checks, checkOf(slot)]\n        return { answer: undefined, change: { ...mark, checks: also, journal: [event] } }',
      ),
    ],
    among: ['otto rotates the key | otto revokes the key (code, agents)'],
    breaks: 'a revoke loses to nobody',
  },
  {
    name: 'a device is let in without the code that it shows',
    edits: [
      edit(
        'approval/decision.ts',
        "if (digests === null) return 'user_code_required'",
        "if (digests === null) return 'ok'",
      ),
    ],
    among: ['otto approves from the list (approval, carol pending'],
    breaks: 'who typed no code',
  },
  {
    name: 'a code that a device showed before leads to it still',
    edits: [
      edit(
        'approval/decision.ts',
        "return digests.includes(deviceGrant.userCode) ? 'ok' : 'code_invalid'",
        "return 'ok'",
      ),
      edit(
        'oauth/device-grant-service.ts',
        "if (!digests.includes(approval.deviceGrant?.userCode ?? ''))",
        'if (approval.deviceGrant === undefined)',
      ),
    ],
    among: ['anna types the code and approves | carol asks by her device again (approval'],
    breaks: 'a code that it shows no more',
  },
  {
    name: 'what may be said once is marked and not checked',
    edits: [
      edit(
        'relay/relay-records.ts',
        'spend: (slots, mark) => ({\n      checks: slots.map(checkOf),',
        'spend: (slots, mark) => ({\n      checks: [],',
      ),
    ],
    among: ['the relay mints | the relay mints (code)'],
    breaks: 'two ways in',
  },
  {
    name: 'a relay mints without a look at the mode that is there',
    edits: [
      edit(
        'relay/mint-service.ts',
        'checks: [checkOf(admission), checkOf(epoch), ...change.checks',
        'checks: [checkOf(epoch), ...change.checks',
      ),
    ],
    among: ['the relay mints | otto sets closed (code)'],
    breaks: 'while the mode was closed',
  },
  {
    name: 'what a relay said stays said where it was refused',
    edits: [
      edit(
        'relay/mint-service.ts',
        'writes: [...(ending?.writes ?? []), ...free.writes],',
        'writes: [...(ending?.writes ?? [])],',
      ),
    ],
    among: ['the relay mints (code)'],
    breaks: 'what may be said once',
    faults: 2,
  },
  {
    name: 'a code that a relay was refused is not taken back',
    edits: [
      edit(
        'relay/mint-service.ts',
        '        undo: takeBack,\n',
        '        undo: async () => null,\n',
      ),
    ],
    among: ['the relay mints (code)'],
    breaks: 'every relay was refused, and there is a way in',
    faults: 2,
  },
]
