"""What the pages show: whole view models, each of one moment, as plain JSON values.

Pure: what only the shell knows comes in as a `guardian.pages.scene.Scene`.
"""
