"""Images in the place of texts: read, stripped of all but their pixels, and held against one another.

decoding   an image file's bytes as pixels, or why they cannot be
reading    a source's column of paths or bytes
scrubbing  metadata taken out
hashes     what makes images the same, or nearly
hygiene    repeats dropped, near ones kept together
"""
