/** Where the page begins. */

import { mount } from 'svelte'
import Page from './Page.svelte'
import { App } from './lib/app/app.svelte.ts'
import './lib/font.css'
import './lib/tokens.css'
import './lib/base.css'

/** Milliseconds that the page waits for what it shows, at most: to draw it takes a while, and twice takes twice that. */
const PATIENCE = 300

const target = document.getElementById('page')
const app = new App()
try {
  await Promise.race([app.prepare(), new Promise((done) => setTimeout(done, PATIENCE))])
} finally {
  if (target) mount(Page, { target, props: { app } })
}
