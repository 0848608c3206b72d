/** Where the page begins. */

import { mount } from 'svelte'
import Page from './Page.svelte'
import './lib/tokens.css'
import './lib/base.css'

// To draw the page keeps the thread for a while: what is asked for first is to be on its way by then.
await window.early?.sent

const target = document.getElementById('page')
if (target) mount(Page, { target })
