"""Drawing: what is made of pictures and text, such as the pages of a contact sheet."""
