/** Every planted bug. */

import { acknowledgedBeforeOlder } from './acknowledged-before-older.ts';
import { bindBeforeCommit } from './bind-before-commit.ts';
import { cachesKeptInPromotion } from './caches-kept-in-promotion.ts';
import { closedWriterReopens } from './closed-writer-reopens.ts';
import { commitIgnoresLease } from './commit-ignores-lease.ts';
import { commitIgnoresMark } from './commit-ignores-mark.ts';
import { commitIgnoresVoid } from './commit-ignores-void.ts';
import { conflictByRowAlone } from './conflict-by-row-alone.ts';
import { currentKeyWins } from './current-key-wins.ts';
import { deleteNotTombstone } from './delete-not-tombstone.ts';
import { directoryNotRecovered } from './directory-not-recovered.ts';
import { fenceBeforeCommitOnly } from './fence-before-commit-only.ts';
import { fenceEndsEarly } from './fence-ends-early.ts';
import { fenceMemberOnly } from './fence-member-only.ts';
import { fenceNotReplicated } from './fence-not-replicated.ts';
import { fenceShorterThanLag } from './fence-shorter-than-lag.ts';
import { fillWithoutLease } from './fill-without-lease.ts';
import { fillWithoutVersion } from './fill-without-version.ts';
import { filledByOlderEpoch } from './filled-by-older-epoch.ts';
import { firstClusterOpenedEarly } from './first-cluster-opened-early.ts';
import { freedBeforeTheJournal } from './freed-before-the-journal.ts';
import { grantNotWaitedOut } from './grant-not-waited-out.ts';
import { grantOutlivesRecord } from './grant-outlives-record.ts';
import { grantedWhileSuspended } from './granted-while-suspended.ts';
import { idempotencyApart } from './idempotency-apart.ts';
import { journalBeforeCommit } from './journal-before-commit.ts';
import { journalIgnoresEpoch } from './journal-ignores-epoch.ts';
import { journalNotReadToItsEnd } from './journal-not-read-to-its-end.ts';
import { journalReadBeforeRaise } from './journal-read-before-raise.ts';
import { journalTrimmedEarly } from './journal-trimmed-early.ts';
import { leaseOutlivesPromise } from './lease-outlives-promise.ts';
import { leastAdvancedElected } from './least-advanced-elected.ts';
import { lookupByOneGrant } from './lookup-by-one-grant.ts';
import { lookupBySearch } from './lookup-by-search.ts';
import { lostSearchRead } from './lost-search-read.ts';
import { newKeyAlone } from './new-key-alone.ts';
import { noReadyMarker } from './no-ready-marker.ts';
import { nobodyByMemberVersion } from './nobody-by-member-version.ts';
import { operatorsSwitchIgnored } from './operators-switch-ignored.ts';
import { outboxNotRecovered } from './outbox-not-recovered.ts';
import { outboxNumbersAgain } from './outbox-numbers-again.ts';
import type { Plant } from './plant.ts';
import { probeNotElected } from './probe-not-elected.ts';
import { promiseCountedFromFirstRaise } from './promise-counted-from-first-raise.ts';
import { promiseNotWaitedOut } from './promise-not-waited-out.ts';
import { queueOutlivesEpoch } from './queue-outlives-epoch.ts';
import { recoveredUnproven } from './recovered-unproven.ts';
import { recoveryOfAnotherLife } from './recovery-of-another-life.ts';
import { registrationForgotten } from './registration-forgotten.ts';
import { registrationNotRecovered } from './registration-not-recovered.ts';
import { repeatAnswersAtOnce } from './repeat-answers-at-once.ts';
import { rowsLeaveOutOfOrder } from './rows-leave-out-of-order.ts';
import { searchIgnoresEpoch } from './search-ignores-epoch.ts';
import { searchTrustedAfterLoss } from './search-trusted-after-loss.ts';
import { settleIgnoresLease } from './settle-ignores-lease.ts';
import { settleWithoutState } from './settle-without-state.ts';
import { settleWithoutToken } from './settle-without-token.ts';
import { shownByOutboxAlone } from './shown-by-outbox-alone.ts';
import { suspendedNotTried } from './suspended-not-tried.ts';
import { takeoverWithoutVoid } from './takeover-without-void.ts';
import { usedTokenTakenOver } from './used-token-taken-over.ts';
import { versionOfMemberOnly } from './version-of-member-only.ts';
import { versionWithoutEpoch } from './version-without-epoch.ts';

export const plants: readonly Plant[] = [
  fillWithoutLease,
  fillWithoutVersion,
  bindBeforeCommit,
  settleWithoutToken,
  shownByOutboxAlone,
  takeoverWithoutVoid,
  commitIgnoresVoid,
  grantNotWaitedOut,
  noReadyMarker,
  fenceMemberOnly,
  versionOfMemberOnly,
  repeatAnswersAtOnce,
  registrationForgotten,
  fenceEndsEarly,
  conflictByRowAlone,
  grantOutlivesRecord,
  rowsLeaveOutOfOrder,
  acknowledgedBeforeOlder,
  fenceBeforeCommitOnly,
  fenceShorterThanLag,
  fenceNotReplicated,
  journalIgnoresEpoch,
  searchIgnoresEpoch,
  settleIgnoresLease,
  commitIgnoresLease,
  leaseOutlivesPromise,
  journalTrimmedEarly,
  journalBeforeCommit,
  grantedWhileSuspended,
  deleteNotTombstone,
  idempotencyApart,
  settleWithoutState,
  usedTokenTakenOver,
  nobodyByMemberVersion,
  lookupByOneGrant,
  lookupBySearch,
  suspendedNotTried,
  newKeyAlone,
  currentKeyWins,
  commitIgnoresMark,
  recoveredUnproven,
  probeNotElected,
  operatorsSwitchIgnored,
  recoveryOfAnotherLife,
  lostSearchRead,
  promiseNotWaitedOut,
  promiseCountedFromFirstRaise,
  journalReadBeforeRaise,
  journalNotReadToItsEnd,
  directoryNotRecovered,
  outboxNotRecovered,
  registrationNotRecovered,
  leastAdvancedElected,
  firstClusterOpenedEarly,
  freedBeforeTheJournal,
  versionWithoutEpoch,
  outboxNumbersAgain,
  cachesKeptInPromotion,
  searchTrustedAfterLoss,
  filledByOlderEpoch,
  queueOutlivesEpoch,
  closedWriterReopens,
];
