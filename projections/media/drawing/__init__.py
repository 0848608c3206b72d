"""Drawing: what is made of pictures, and of text, such as the pages of a contact sheet."""
