import { createExplorer, type Exploration, type Scenario } from './explore.ts'
import { LAWS } from './laws/all.ts'
import * as product from './product.ts'
import { tellStory } from './story.ts'
import { summaryOf, tableOf } from './table.ts'

/** `EXPLORE=deep` walks more faults and every three verbs: hours of a machine, for nights and changes of the ground. */
export const isDeep: boolean = process.env.EXPLORE === 'deep'

/** Explores these one after the other on the product. Answers the stories of what is wrong; prints what was walked. */
export async function storiesOf<C>(
  group: string,
  scenarios: readonly Scenario<C>[],
  { each = false, ...wish }: { faults: number; anyReadFails?: boolean; each?: boolean },
): Promise<string[]> {
  const explore = createExplorer({ product, laws: LAWS, ...wish })
  const walked: Exploration[] = []
  const stories: string[] = []
  for (const scenario of scenarios) {
    const exploration = await explore(scenario)
    if (exploration.broken) stories.push(tellStory(exploration))
    // what was met on the way is not needed any more
    walked.push({ ...exploration, ends: Array.from({ length: exploration.ends.length }) })
  }
  console.log(each ? tableOf(walked) : summaryOf({ [group]: walked }))
  return stories
}
