/** Every planted bug. */

import { bindBeforeCommit } from './bind-before-commit.ts';
import { commitIgnoresMark } from './commit-ignores-mark.ts';
import { commitIgnoresVoid } from './commit-ignores-void.ts';
import { conflictByRowAlone } from './conflict-by-row-alone.ts';
import { fenceEndsEarly } from './fence-ends-early.ts';
import { fenceMemberOnly } from './fence-member-only.ts';
import { fillWithoutLease } from './fill-without-lease.ts';
import { fillWithoutVersion } from './fill-without-version.ts';
import { grantNotWaitedOut } from './grant-not-waited-out.ts';
import { grantOutlivesRecord } from './grant-outlives-record.ts';
import { newKeyAlone } from './new-key-alone.ts';
import { noReadyMarker } from './no-ready-marker.ts';
import type { Plant } from './plant.ts';
import { registrationForgotten } from './registration-forgotten.ts';
import { repeatAnswersAtOnce } from './repeat-answers-at-once.ts';
import { rowsLeaveOutOfOrder } from './rows-leave-out-of-order.ts';
import { settleWithoutToken } from './settle-without-token.ts';
import { shownByOutboxAlone } from './shown-by-outbox-alone.ts';
import { suspendedNotTried } from './suspended-not-tried.ts';
import { takeoverWithoutVoid } from './takeover-without-void.ts';
import { versionOfMemberOnly } from './version-of-member-only.ts';

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
  suspendedNotTried,
  newKeyAlone,
  commitIgnoresMark,
];
