import { writeLetters } from '../records/letters.ts'
import type { Story } from '../records/story.ts'
import { agentOperations } from './agent-operations.ts'
import { deviceOperations } from './device-operations.ts'
import { createMakers, type Operation } from './makers.ts'
import { relayOperations } from './relay-operations.ts'

/** What agents, the device grant and relays add: every method and route, each with a call that is right in this story. */
export async function extensionOperationsOf(story: Story): Promise<Operation[]> {
  const makers = createMakers(story, await writeLetters(story))
  await agentOperations(story, makers)
  await deviceOperations(story, makers)
  await relayOperations(story, makers)
  return makers.operations
}
