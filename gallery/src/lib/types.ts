/** The shapes of the daemon's API, as its own description has them: `make types` writes this file. */

export type ProjectState = 'live' | 'starting' | 'suspended'
export type Status = 'complete' | 'failed' | 'generating'
export type Stage = 'arriving' | 'queued' | 'running' | 'waiting'
export type Quality = 'draft' | 'high' | 'standard'
export type Params = Record<string, unknown>
export type EventType =
  | 'shot.registered'
  | 'shot.moved'
  | 'shot.recovered'
  | 'take.created'
  | 'take.started'
  | 'take.completed'
  | 'take.measured'
  | 'take.joined'
  | 'take.superseded'
  | 'take.failed'
  | 'take.accepted'
  | 'take.activated'
  | 'take.deactivated'
  | 'take.deleted'
  | 'take.restored'
  | 'take.purged'
  | 'take.rated'
  | 'take.marked'
  | 'take.tagged'
  | 'take.noted'
  | 'take.note.marked'
  | 'shot.noted'
  | 'shot.note.marked'
  | 'shot.staged'
  | 'shot.received'
  | 'search.saved'
  | 'search.removed'
  | 'access.granted'
  | 'access.revoked'
export type Mark = 'none' | 'pick' | 'reject'
export type NoteState = 'open' | 'resolved' | 'withdrawn'

/** The projects that the daemon keeps, as far as who asks may see them. */
export interface ProjectList {
  projects: Project[]
  asker: Asker
}

/**
 * A project; the counts are null while it is away, or its disk does not answer.
 *
 * `stages` are the names, in their order, of how far the work on a shot can be, and `role` is what who asks may do with it.
 */
export interface Project {
  id: string
  name: string
  path: string
  state: ProjectState
  reason: string | null
  shotCount: number | null
  takeCount: number | null
  stages: string[]
  role: 'artist' | 'reader' | 'supervisor'
}

/** Who asks, as the log would name them; the `owner` runs the daemon, has not come by the hub, and may do all. */
export interface Asker {
  name: string
  owner: boolean
}

/** The shots of a project, by path. */
export interface ShotList {
  shots: Shot[]
}

/**
 * A shot: its full id, its folder's name, and where it stands. `activeLength` is that of its active take, in seconds,
 * and `activeColour` the mean one of that one's picture, as `#rrggbb`, where it is known.
 *
 * `makingCount` are those of its takes that are being made. Deleted ones are not counted. `stage` is how far the work
 * on it is, null where nobody has said so, and `notes` are those on the shot itself. `lastNumber` is the highest that
 * was ever given to a take of it, 0 before the first.
 */
export interface Shot {
  id: string
  shotId: string
  path: string
  takeCount: number
  makingCount: number
  activeTakeId: string | null
  activeLength: number | null
  activeColour?: string
  lastNumber: number
  stage: string | null
  notes: Note[]
}

/**
 * A note: its number in the take, or in the shot, what it says, who wrote it and when.
 *
 * `frame` and `lastFrame` count from 0 and are null for a note on the whole take, `lastFrame` also for one on a
 * single frame; `answers` is the note to which it is an answer. One that was withdrawn is not shown.
 */
export interface Note {
  note: number
  text: string
  by: string | null
  at: string
  frame: number | null
  lastFrame: number | null
  answers: number | null
  state: NoteState
  drawing: Stroke[]
}

/**
 * What is drawn on a frame: a `pen` along its points, an `arrow` from one to another, or a `text` at one.
 *
 * `points` are x and y by turns, as shares of the picture's width and height.
 */
export interface Stroke {
  kind: 'arrow' | 'pen' | 'text'
  points: number[]
  text?: string | null
  colour?: 'blue' | 'green' | 'red' | 'white' | 'yellow'
}

/** The takes of a shot, by number. */
export interface TakeList {
  takes: Take[]
  activeTakeId: string | null
}

/**
 * A take: the fields of its sidecar, and where it stands.
 *
 * - `duration` is in seconds, `loudness`, of its sound where it has any, in LUFS (EBU R 128), `timecode` that of its
 *   first frame.
 * - `origin` is what a dropped file was called, and `position` the place in the log of the event that gave it its number.
 * - `stage` is how far one is that is being made: its file is arriving; or what was asked for is waiting for a file,
 *   queued or running. `waits` says in the answer about one take why nobody is at it yet.
 * - `cancelled` is there, and true, where it failed because nobody wanted it any more. `accepted` is why it had failed,
 *   where a person wants it complete all the same. `recipeError` says why its recipe, or the labels of its file, could
 *   not be read.
 * - `rating` is 1 to 5, or 0 for none; of `notes` those that were withdrawn are not shown.
 * - `colour` is the mean one of its picture, as `#rrggbb`, in lists and where it is known.
 * - `companions` are the other files of the same render; `supersededBy` is the take that holds more of it, for which
 *   this one is hidden. `again` names the one whose recipe it is made of once more.
 * - `purgedAt` says since when the bytes of a purged one are gone for good; `purgedSince`, of a take as it was at a
 *   moment, when the bytes went that it had then.
 * - `behind` is there in the answer to a change that is not all on the disk: the projections that do not show it yet.
 */
export interface Take {
  id: string
  shotId: string
  created: string
  duration: number | null
  resolution: Resolution | null
  channels?: number
  loudness?: number
  timecode?: string
  generationParams: Params | null
  resources: Cost
  status: Status
  error?: string
  recipeError?: string
  accepted?: string
  purged: boolean
  leftOut?: Record<string, number>
  whole?: string
  number: number
  stage: Stage | null
  started: string | null
  origin: string | null
  active: boolean
  deleted: boolean
  purgedAt: string | null
  rating: number
  mark: Mark
  tags: string[]
  notes: Note[]
  cancelled?: boolean
  workflow?: Workflow
  waits?: string
  media: Media | null
  companions?: Companion[]
  supersededBy?: string
  again?: Again
  thumbnailUrl: string | null
  colour?: string
  mediaUrl: string | null
  behind?: string[]
  purgedSince?: string
  position: number | null
}

/** A picture's size in pixels. */
export interface Resolution {
  width: number
  height: number
}

/** What making a take cost: peak VRAM in MB, time in seconds, the quality that was asked for. */
export interface Cost {
  vramUsed: number | null
  generationTime: number | null
  quality: Quality | null
}

/**
 * The workflow that a take is made with, and whose it is: named for the take, its shot's, film's, or for all.
 *
 * `was` is the SHA-256 of what was chosen when the take was asked for, where that has changed until it was begun.
 */
export interface Workflow {
  path: string
  chosenFor: 'configuration' | 'film' | 'shot' | 'take'
  sha256: string
  was: string | null
}

/** A take's bytes; the rate is in frames a second. Of an image sequence they are those of the list of its `frames`. */
export interface Media {
  name: string
  bytes: number
  sha256: string
  kind: 'audio' | 'image' | 'video'
  codec: string | null
  frameRate: number | null
  frames: Frames | null
}

/**
 * The frames of an image sequence: their numbers, and the bytes of all; `rate` is in frames a second.
 *
 * `pattern` is how they are called in the take's folder, as editors read it, and `poster` the one that stands for all, which
 * is what `mediaUrl` answers. So many are `missing` between the first
 * and the last; `gaps` are the first hundred runs of those.
 */
export interface Frames {
  pattern: string
  poster: string
  first: number
  last: number
  count: number
  bytes: number
  missing: number
  gaps: Gap[]
  rate: number | null
}

/** A run of frames that are missing, by their numbers. */
export interface Gap {
  first: number
  last: number
}

/**
 * A file of the same render that lies beside a take's media: its `picture`, or the `silent` video.
 *
 * `missing`, and true, it is in the answer about one take, where it does not lie there any more.
 */
export interface Companion {
  name: string
  role: 'picture' | 'silent'
  bytes: number
  missing?: boolean
}

/** The take that this one is made again of; whether it holds the `same` bytes, once both were complete. */
export interface Again {
  takeId: string
  same: boolean | null
}

/** A page of what was found, in the order that was asked for; of all of it the `total`, and by `facet` what is common. */
export interface FoundList {
  takes: FoundTake[]
  total: number
  facets: Record<string, FacetValue[]>
}

/** A take that a search has found, and its shot's full id. */
export interface FoundTake {
  shotId: string
  take: Take
}

/** How many of the takes that were found have that value. */
export interface FacetValue {
  value: string
  count: number
}

/** The take that was asked for, and will be made; `waits` says why nothing goes on for now, where that is known. */
export interface QueuedTake {
  takeId: string
  status: 'queued'
  waits?: string
}

/** How far a proxy is. */
export interface ProxyAnswer {
  ready: boolean
  progress: number | null
  bytes: number | null
}

/** Everything about how a project is kept; `unread` are the newest takes whose recipe could not be read. */
export interface ProjectStatus {
  id: string
  name: string
  path: string
  state: string
  position: number
  projections: Projection[]
  share: Share | null
  studio: Studio | null
  watch: Watch
  lastScan: Scan | null
  runner: Runner
  protection: Protection
  cleanup: Policy
  waiting: Reason[]
  notTaken: Reason[]
  unread: Reason[]
  problems: Problem[]
}

/** How far a projection has come in the log. */
export interface Projection {
  name: string
  position: number
  behind: number
}

/** The share that a film lies on: its filesystem, the folder with the film's log, and what follows, in words. */
export interface Share {
  filesystem: string
  log: string
  says: string
}

/**
 * How a film in a studio's database stands on this machine: its role, the hosts of those who keep the film, and why
 * the database does not answer, where it does not. `behind` is how many records of the log are not shown here yet,
 * `shards` how many of the film's sixteen this machine holds, and whether it `polls` the database each second for what
 * others say, since nothing tells of it.
 */
export interface Studio {
  role: 'desk' | 'keeper'
  keptBy: string[]
  behind: number
  away: string | null
  shards: number
  polls: boolean
}

/** How drops are noticed: folders watched, times that hints were lost, shots that only a scan found. */
export interface Watch {
  mode: string
  folders: number
  losses: number
  missed: number
}

/** The last look at everything: seconds ago, seconds it took, shots it found. */
export interface Scan {
  ago: number
  seconds: number
  shots: number
}

/** Who makes the takes that are asked for; `inputs` are the parameters that it listens to, null for all. */
export interface Runner {
  kind: string
  queued: number
  running: number
  problem: string | null
  inputs: string[] | null
}

/**
 * How many complete takes have their bytes under a second name, by how that came to be, and how many have none.
 *
 * `objects` is how much the configuration has done for that, `disk` the best that the film's disk can do without
 * room, and `says` all of it in words.
 */
export interface Protection {
  takes: number
  reflink: number
  link: number
  copy: number
  none: number
  objects: 'auto' | 'copy' | 'off'
  disk: 'copy' | 'link' | 'reflink' | null
  says: string
}

/** The policy of the configuration: in days, in takes of a shot and in hours between two clean-ups; 0 for none. */
export interface Policy {
  deletedAfterDays: number
  failedAfterDays: number
  keepNewest: number
  everyHours: number
}

/** A path, and why it waits or was not taken. */
export interface Reason {
  path: string
  reason: string
}

/** Something that stands in the way, and what to do about it. */
export interface Problem {
  what: string
  hint: string
}

/**
 * The bytes that a film takes up, what is shared counted once; `shared` is what sharing saves.
 *
 * `mayShare` says that the disk shares blocks between files and does not tell which.
 */
export interface Usage {
  bytes: number
  kinds: Kinds
  shots: ShotUsage[]
  shared: number
  mayShare: boolean
}

/**
 * Bytes on the disk: `git` is what Git LFS keeps of takes, `sidecars` are with thumbnails and recipes.
 *
 * `other` is what lies there and is none of ours.
 */
export interface Kinds {
  media: number
  objects: number
  git: number
  sidecars: number
  cache: number
  log: number
  index: number
  other: number
}

/** The bytes in a shot's `takes/`. */
export interface ShotUsage {
  shotId: string
  bytes: number
  kinds: Kinds
}

/**
 * What was purged, or would be: the bytes that come back, and what is not purged, with the reasons.
 *
 * With `atMost`, fewer may come back: files that nobody knows of may share these. `note` says what else to do.
 */
export interface CleanupPlan {
  dryRun: boolean
  plan: string
  bytes: number
  atMost: boolean
  note: string | null
  takes: PurgedTake[]
  left: Reason[]
}

/** A take that goes: why, since when that is so, and its files. */
export interface PurgedTake {
  shotId: string
  takeId: string
  why: 'deleted' | 'failed' | 'older'
  since: string
  files: PurgedFile[]
}

/** A file that goes, and the bytes that come back with it. */
export interface PurgedFile {
  path: string
  kind: 'media' | 'object'
  bytes: number
}

/** A record of the log. */
export interface LogEvent {
  position: number
  stream: string
  shotId: string
  version: number
  id: string
  type: string
  at: string
  actor: string
  cause: string | null
  data: { type: EventType; [field: string]: unknown }
  hash: string
}

/** Which log an event stream tells of, and the position of its last event. */
export interface LogOpened {
  logId: string
  position: number
}

/**
 * How far a take is that is being made: 0 to 1, where that is known, and what its runner says.
 *
 * `waits`: nobody is at it, and the message says why.
 */
export interface Progress {
  shotId: string
  takeId: string
  fraction: number | null
  message: string | null
  waits?: boolean
}

/**
 * Why a request was refused (RFC 9457), with a hint for the person behind the program.
 *
 * Of a query that cannot be understood `at` is the character, from 0, at which that begins.
 */
export interface ProblemDetails {
  type: string
  title: string
  status: number
  detail: string
  hint: string
  errors?: FieldError[]
  candidates?: string[]
  at?: number
}

/** A part of a request, such as `generationParams.seed`, and what is wrong with it. */
export interface FieldError {
  field: string
  message: string
}

/** The take that is to become active. */
export interface TakeBody {
  takeId: string
}

/** What is to be generated; `workflow` is a file for this take alone, from the film's folder on or a full path. */
export interface RequestBody {
  generationParams: Params
  quality?: Quality | null
  workflow?: string | null
}

/**
 * What to clean up: by these rules, or by the configuration's policy where none is given.
 *
 * `dryRun` only tells. `plan` is that of an answer which was looked at: other takes are then refused.
 */
export interface CleanupBody {
  dryRun?: boolean
  deletedAfterDays?: number | null
  failedAfterDays?: number | null
  keepNewest?: number | null
  plan?: string | null
}

/** What is to be so of all of these takes, or of none where it cannot be of one. */
export interface JudgeTakesBody {
  rating?: number
  mark?: Mark
  addTags?: string[]
  removeTags?: string[]
  note?: NoteBody
  deleted?: boolean
  takeIds: string[]
}

/** What somebody has to say, at one frame of a take or at those up to the last one, where it is not about all of it. */
export interface NoteBody {
  text: string
  frame?: number | null
  lastFrame?: number | null
  answers?: number | null
  drawing?: Stroke[]
}

/** What is to be so of all of these takes of several shots, or of none where it cannot be of one. */
export interface JudgeFilmBody {
  rating?: number
  mark?: Mark
  addTags?: string[]
  removeTags?: string[]
  note?: NoteBody
  deleted?: boolean
  shots: TakesOfShotBody[]
}

/** Some takes of one shot. */
export interface TakesOfShotBody {
  shotId: string
  takeIds: string[]
}

/** How far the work on a shot is, empty where nobody says so any more; and a note on it. */
export interface JudgeShotBody {
  stage?: string
  note?: NoteBody
}

/** How a note is to stand. */
export interface NoteStateBody {
  state: NoteState
}

/** A stretch of the log; `logId` tells a log from the one that a restored backup brings. */
export interface EventList {
  events: LogEvent[]
  logId: string
}

/**
 * Files and folders of frames, by their full paths; copied, or with `move` moved. Or all that was sent as an `upload`.
 *
 * Or, by their `names`, what was put into the shot's `takes/` whole: nobody need wait to see whether more of it comes.
 */
export interface FilesBody {
  paths?: string[]
  move?: boolean
  upload?: string | null
  names?: string[]
}

/**
 * What was brought in; the log tells which takes become of it, each with that name in its `source`.
 *
 * `left` is what of an upload can be no take. Nothing else of it is kept.
 */
export interface BroughtList {
  files: BroughtFile[]
  left: LeftFile[]
}

/** A file, or a folder of frames, and what it is called in the shot's `takes/`. */
export interface BroughtFile {
  path: string
  name: string
}

/** A file that can be no take, and why. */
export interface LeftFile {
  path: string
  reason: string
}

/** What is to be sent. */
export interface UploadBody {
  files: UploadPart[]
}

/** A file that is to be sent: its path in the upload, with the folders that it is in, and how large it is. */
export interface UploadPart {
  path: string
  bytes: number
}

/** There is room for it; `left` are the files that cannot become takes, as far as their names tell. */
export interface UploadPlan {
  bytes: number
  left: LeftFile[]
}

/** What a link leads to, its shots in story order; `until` is empty of a folder that plays without a daemon. */
export interface GuestFilm {
  title: string
  until: string
  withNotes: boolean
  shots: GuestShot[]
}

/** A shot as a guest sees it. */
export interface GuestShot {
  id: string
  name: string
  takes: GuestTake[]
  notes: Note[]
}

/**
 * A take as a guest sees it; `picture`, `media` and `proxy` are where these are, from the guest's page on.
 *
 * `duration` is in seconds, `rate` in frames a second, and `colour` the mean one of the picture, where it is
 * known. What has `frames` is played by them.
 */
export interface GuestTake {
  id: string
  number: number
  active: boolean
  created: string
  kind: string
  codec: string | null
  duration: number | null
  rate: number | null
  width: number | null
  height: number | null
  frames: GuestFrames | null
  picture: string
  colour: string | null
  media: string
  proxy: string | null
  notes: Note[]
}

/** The frames of an image sequence by their numbers, as a guest sees them; `gaps` are those that are missing. */
export interface GuestFrames {
  first: number
  last: number
  gaps: Gap[]
}

/**
 * A shot that is to be: `name` as a person writes it, with its number or without; `scene` where there are several.
 *
 * With `makeScene`, the scene's folder is made, too.
 */
export interface NewShotBody {
  name: string
  scene?: string | null
  makeScene?: boolean
}

/** A shot whose folders are there; the list of shots has it once they are looked at. */
export interface NewShot {
  id: string
  shotId: string
  path: string
}

/** How a take is to be made again: as it was, or with this seed. */
export interface AgainBody {
  seed?: number | null
}

/**
 * A moment: the last position of the log until then; 0 before there was anything.
 *
 * `at` is the time that was understood, null where a position was asked for; `lastAt` is the time of the event
 * at that position, and `head` where the log ends now.
 */
export interface Moment {
  position: number
  at: string | null
  lastAt: string | null
  head: number
}

/** The saved searches, by their names. */
export interface SearchList {
  searches: Search[]
}

/** A query that is kept under a name; who saved it last, and when. */
export interface Search {
  name: string
  query: string
  by: string | null
  at: string
}

/** The query that is to be kept. */
export interface SearchBody {
  query: string
}
