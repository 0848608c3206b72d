import { render, screen, within } from '@testing-library/svelte'
import userEvent from '@testing-library/user-event'
import { expect, test, vi } from 'vitest'
import { aRefusal } from '../../../tests/samples.ts'
import { shot, take } from '../../../tests/takes.ts'
import { AwayError, ProblemError } from '../../api.ts'
import type { Params, Quality, Runner, Take } from '../../types.ts'
import GenerateDialog from '../GenerateDialog.svelte'

const RUNNER: Runner = { kind: 'command', queued: 0, running: 0, problem: null, inputs: null }

function open(from: Take | null = take(1), runner: Runner | null = RUNNER) {
  const ongenerate = vi.fn<(params: Params, quality: Quality, workflow: string | null) => Promise<void>>(() => Promise.resolve())
  const onclose = vi.fn()
  render(GenerateDialog, { shot: shot(), from, runner, ongenerate, onclose })
  return { ongenerate, onclose, user: userEvent.setup() }
}

const field = (name: string): HTMLInputElement => screen.getByLabelText(name)
const choice = (name: string): HTMLInputElement => screen.getByRole('radio', { name })
const row = (name: string): HTMLElement => screen.getByRole('group', { name })

test('it is filled from the recipe of the take before', () => {
  open()
  expect(field('Prompt')).toHaveValue('gulls over the pier, soft fog')
  expect(field('Negative prompt')).toHaveValue('text, logo')
  expect(field('Model')).toHaveValue('wan2.2')
  expect(field('Steps')).toHaveValue('20')
  expect(field('CFG')).toHaveValue('6.5')
  expect(choice('High')).toBeChecked()
  expect(within(row('sampler')).getByLabelText('Value (text)')).toHaveValue('euler')
  expect(within(row('loras')).getByLabelText('Value (list)')).toHaveValue('[{"name":"fog","weight":0.6}]')
})

test('the prompt has the focus', () => {
  open()
  expect(field('Prompt')).toHaveFocus()
})

test('a random seed is chosen where the recipe has one, and another is rolled with the dice', async () => {
  const { user } = open()
  expect(choice('Random')).toBeChecked()
  const first = field('Seed').value
  expect(first).toMatch(/^\d+$/)
  await user.click(screen.getByRole('button', { name: 'Roll another seed' }))
  expect(field('Seed').value).not.toBe(first)
})

test('the same seed again is the very seed, however large', async () => {
  const seed = 2n ** 64n - 1n
  const { user, ongenerate } = open(take(1, { generationParams: { prompt: 'fog', seed } }))
  await user.click(choice('Same again'))
  expect(field('Seed')).toHaveValue('18446744073709551615')
  await user.click(screen.getByRole('button', { name: 'Generate' }))
  expect(ongenerate).toHaveBeenCalledWith({ prompt: 'fog', seed }, 'high', null)
})

test('a seed that is typed is one of my own', async () => {
  const { user } = open()
  await user.clear(field('Seed'))
  await user.type(field('Seed'), '7')
  expect(choice('My own')).toBeChecked()
})

test('without a recipe nothing is asked for that was not typed', async () => {
  const { user, ongenerate } = open(null)
  expect(screen.queryByRole('radio', { name: 'Same again' })).toBeNull()
  await user.type(field('Prompt'), 'dawn')
  await user.keyboard('{Control>}{Enter}{/Control}')
  expect(ongenerate).toHaveBeenCalledWith({ prompt: 'dawn' }, 'standard', null)
})

test('what was not edited is asked for as it was', async () => {
  const { user, ongenerate } = open()
  await user.click(choice('Same again'))
  await user.keyboard('{Control>}{Enter}{/Control}')
  expect(ongenerate).toHaveBeenCalledWith(take(1).generationParams, 'high', null)
})

test('a row that is added gives a typed parameter, and one that is removed gives none', async () => {
  const { user, ongenerate } = open(take(1, { generationParams: { sampler: 'euler' } }))
  await user.click(screen.getByRole('button', { name: 'Remove sampler' }))
  await user.click(screen.getByRole('button', { name: 'Add a parameter' }))
  expect(within(row('the new parameter')).getByLabelText('Name')).toHaveFocus()
  await user.keyboard('frames')
  await user.type(within(row('frames')).getByLabelText(/Value/), '81')
  await user.keyboard('{Control>}{Enter}{/Control}')
  expect(ongenerate).toHaveBeenCalledWith({ frames: 81 }, 'high', null)
})

function refused(errors: { field: string; message: string }[]): ProblemError {
  return new ProblemError({ ...aRefusal(400, 'Bad', 'It was refused.', 'Try again.'), errors })
}

test("the server's complaints stand at their fields, and the first of them has the focus", async () => {
  const { user, ongenerate } = open()
  ongenerate.mockRejectedValue(
    refused([
      { field: 'generationParams.steps', message: 'At most 100.' },
      { field: 'generationParams.sampler', message: 'Not known.' },
    ]),
  )
  await user.type(field('Prompt'), ', dawn')
  await user.keyboard('{Control>}{Enter}{/Control}')
  expect(field('Steps')).toHaveAccessibleDescription('At most 100.')
  expect(field('Steps')).toHaveFocus()
  expect(within(row('sampler')).getByLabelText('Value (text)')).toHaveAccessibleDescription('Not known.')
  expect(field('Prompt')).toHaveValue('gulls over the pier, soft fog, dawn')
})

test('an error of no field is told above, and nothing that was typed is lost', async () => {
  const { user, ongenerate } = open()
  ongenerate.mockRejectedValue(new AwayError())
  await user.type(field('Model'), '-fast')
  await user.keyboard('{Control>}{Enter}{/Control}')
  expect(screen.getByRole('alert')).toHaveTextContent('The daemon does not answer.')
  expect(field('Model')).toHaveValue('wan2.2-fast')
  expect(screen.getByRole('button', { name: 'Generate' })).toBeEnabled()
})

test('a seed that is no number is refused before anybody is asked', async () => {
  const { user, ongenerate } = open()
  await user.clear(field('Seed'))
  await user.type(field('Seed'), 'seven{Control>}{Enter}{/Control}')
  expect(ongenerate).not.toHaveBeenCalled()
  expect(field('Seed')).toHaveAccessibleDescription('Seed must be a whole number, 0 or more.')
})

test('while it is being asked for, nothing can be asked for again', async () => {
  const { user, ongenerate } = open()
  let answer = (): void => undefined
  ongenerate.mockImplementation(() => new Promise((done) => (answer = done)))
  await user.keyboard('{Control>}{Enter}{/Control}')
  expect(screen.getByRole('button', { name: 'Asking…' })).toBeDisabled()
  expect(field('Prompt')).toBeDisabled()
  answer()
  await vi.waitFor(() => expect(screen.getByRole('button', { name: 'Generate' })).toBeEnabled())
  expect(ongenerate).toHaveBeenCalledTimes(1)
})

test('Escape closes it', async () => {
  const { user, onclose } = open()
  await user.keyboard('{Escape}')
  expect(onclose).toHaveBeenCalledTimes(1)
})

test('without a runner it says what the take will wait for', () => {
  open(take(1), { ...RUNNER, kind: 'none' })
  expect(screen.getByText(/No runner is set up/)).toHaveTextContent('shot_001_take_NNN')
})

test('a parameter that the runner does not listen to says so', () => {
  open(take(1), { ...RUNNER, inputs: ['prompt', 'seed'] })
  expect(field('Model')).toHaveAccessibleDescription('The runner does not use it.')
  expect(field('Prompt')).not.toHaveAccessibleDescription()
})

test('a workflow for this take alone is asked for, and complained of at its field', async () => {
  const { user, ongenerate } = open(null)
  const label = 'Workflow (a file, for this take alone)'
  ongenerate.mockRejectedValueOnce(
    new ProblemError({ ...aRefusal(400, 'Bad params', 'workflow: it is not there'), errors: [{ field: 'workflow', message: 'it is not there' }] }),
  )
  await user.type(field(label), 'own.json')
  await user.click(screen.getByRole('button', { name: 'Generate' }))
  expect(ongenerate).toHaveBeenCalledWith({}, 'standard', 'own.json')
  expect(await screen.findByText('it is not there')).toBeInTheDocument()
  expect(field(label)).toHaveAttribute('aria-invalid', 'true')
})

test('where nobody makes takes there is no workflow to choose', () => {
  open(null, { ...RUNNER, kind: 'none' })
  expect(screen.queryByLabelText('Workflow (a file, for this take alone)')).toBeNull()
})

test('what tells of one file is not asked for again', () => {
  open(take(1, { generationParams: { prompt: 'fog', nodes: { prompt: '6' }, unsure: [], stages: [] } }))
  expect(screen.queryByRole('group', { name: 'nodes' })).toBeNull()
})
