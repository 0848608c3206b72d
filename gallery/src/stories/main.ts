/** Where the page of all states begins. */

import { mount } from 'svelte'
import '../lib/font.css'
import '../lib/tokens.css'
import '../lib/base.css'
import Stories from './Stories.svelte'

const target = document.getElementById('page')
if (target) mount(Stories, { target })
