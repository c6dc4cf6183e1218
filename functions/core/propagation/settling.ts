/**
 * The directory's last step of a change: which of its rows may be settled when.
 *
 * What a change has bound is settled at once. What it let go is freed only when the other centre's journal has the change:
 * a row and the member that let it go live in different database clusters, which replicate at their own pace. Freed
 * earlier, a row could be taken by another while a promotion of the other centre never hears of the letting go, and the
 * identifier would have two owners there (I1). Who finds such a row bound still heeds the same (`directory/claim.ts`).
 */
import type { DirectoryChange } from '../directory/directory.ts';
import type { MemberEvent } from './event.ts';

export const settledAtOnce = (event: MemberEvent): readonly DirectoryChange[] =>
  event.directory.filter(({ to }) => to === 'bound');

export const settledOnceJournaled = (event: MemberEvent): readonly DirectoryChange[] =>
  event.directory.filter(({ to }) => to === 'free');
