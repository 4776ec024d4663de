"""Stories that are rehearsed: facts as examples write them, told by somebody who may be mistaken."""
