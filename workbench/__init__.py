"""The bench on which protocol files are written: `python -m workbench check FILE`.

For whoever writes or signs a protocol. None of it ships.
"""
