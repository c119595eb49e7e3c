import { describe } from 'vitest'
import { storeOf } from '../kit/stores.ts'
import { describeJumps, describeRest } from './describe-jumps.ts'

describe('SQLite', () => {
  describeJumps(storeOf('SQLite'), 'nowhere')
  describeRest(storeOf('SQLite'))
})
