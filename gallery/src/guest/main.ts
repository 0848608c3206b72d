/** Where the page for guests begins. */

import { mount } from 'svelte'
import Guest from './Guest.svelte'
import '../lib/tokens.css'
import '../lib/base.css'

const target = document.getElementById('page')
if (target) mount(Guest, { target })
