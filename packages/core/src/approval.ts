export {
  admits,
  ADMISSION_MODES,
  isAdmissionMode,
  type AdmissionMode,
} from './admission/admission.ts'
export {
  judgeApproval,
  mayDecide,
  type Approval,
  type ApprovalFacts,
  type ApprovalTerms,
  type Approved,
  type Before,
  type Collected,
  type DecideOutcome,
  type Decision,
  type Judged,
  type Pending,
  type Rejected,
  type Wish,
} from './approval/approval.ts'
export {
  openRequest,
  withdraw,
  type Drawn,
  type OpeningFacts,
  type OpeningOutcome,
} from './approval/opening.ts'
export {
  joinQueue,
  NETWORK_CAP,
  QUEUE_CAP,
  STRANGERS_CAP,
  type JoinOutcome,
  type Place,
} from './approval/queue.ts'
