import { describe } from 'vitest'
import { storeOf } from '../kit/stores.ts'
import { describeJumps } from './describe-jumps.ts'

describe('SQLite', () => {
  describeJumps(storeOf('SQLite'), 'behind')
})
