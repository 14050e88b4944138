"""Vision2Code's ablations, to be run on any model.

Self-training: `round_trips` makes pairs of picture and program out of a pool of pictures, `training_pairs` reads them,
`training_sets` selects by rating as the paper does, `training_exports` writes what trainers read, and
`training_recipe` says how the paper trained. Test-time scaling: `test_time_scaling` has a model improve what it drew.
Tools: `tool_use` asks for LaTeX and Excalidraw in place of Python, `excalidraw` reads its scenes.
"""
