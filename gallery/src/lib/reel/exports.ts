/** What a film can be handed over as: the format, how its file's name ends, and what it is for. */

export interface Export {
  format: string
  name: string
  ending: string
  says: string
  /** Where it is asked for, if not among the exports. */
  at?: 'sheet'
}

export const EXPORTS: readonly [Export, ...Export[]] = [
  { format: 'otio', name: 'OpenTimelineIO', ending: 'otio', says: 'All takes of each shot, the active one chosen' },
  { format: 'fcpxml', name: 'FCPXML', ending: 'fcpxml', says: 'Final Cut Pro: each shot is an audition' },
  { format: 'edl', name: 'EDL', ending: 'edl', says: 'CMX 3600: the active takes' },
  { format: 'resolve', name: 'Resolve script', ending: 'py', says: 'All takes in the take selector of DaVinci Resolve' },
  { format: 'csv', name: 'Table', ending: 'csv', says: 'All takes, for a spreadsheet' },
  { format: 'pdf', name: 'Contact sheet', ending: 'pdf', says: 'All takes on paper', at: 'sheet' },
]
