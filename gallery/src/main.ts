/** Where the page begins. */

import { mount } from 'svelte'
import Page from './Page.svelte'
import { App } from './lib/app/app.svelte.ts'
import { firstSeen, replaceFirst } from './lib/first.ts'
import './lib/font.css'
import './lib/tokens.css'
import './lib/base.css'
import './lib/first.css'

/** Milliseconds that the page waits for what it shows, at most: to draw it takes a while, and twice takes twice that. */
const PATIENCE = 300

const target = document.getElementById('page')
const app = new App()
try {
  await Promise.race([app.prepare().then(firstSeen), new Promise((done) => setTimeout(done, PATIENCE))])
} finally {
  if (target) {
    void replaceFirst(target)
    mount(Page, { target, props: { app } })
  }
}
