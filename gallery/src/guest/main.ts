/** Where the page for guests begins. */

import { mount } from 'svelte'
import Guest from './Guest.svelte'
import '../lib/font.css'
import '../lib/tokens.css'
import '../lib/base.css'

// Nothing is set in it until the film is told of: by then it is to be there.
void document.fonts.load('1rem Geist')

const target = document.getElementById('page')
if (target) mount(Guest, { target })
