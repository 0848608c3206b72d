/** Where the page begins. */

import { mount } from 'svelte'
import Page from './Page.svelte'
import './lib/tokens.css'
import './lib/base.css'

const target = document.getElementById('page')
if (target) mount(Page, { target })
