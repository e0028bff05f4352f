"""Does to a program's windows what a screen reader does for its user, by AT-SPI. Waits a minute for what it needs.

Arguments, where WINDOW is how the window's title begins, and NAME is a regular expression:
  press WINDOW ROLE NAME        a button
  type WINDOW ROLE NAME TEXT    in the place of what the field holds
  select WINDOW ROLE NAME PLACE the first one behind a thing of that role called PLACE
  read WINDOW ROLE NAME         prints its name
  show WINDOW                   prints the window's title and everything that can be seen in it
"""

import re
import sys
import time

import pyatspi
from gi.repository import GLib


def windows(beginning):
    for program in pyatspi.Registry.getDesktop(0):
        for window in program or []:
            if window is not None and window.name.startswith(beginning):
                yield window


def visible(parent):
    """Everything to be seen below, from the top."""
    for child in parent:
        if child is not None and child.getState().contains(pyatspi.STATE_SHOWING):
            yield child
            yield from visible(child)


def name_of(thing):
    """Its own name, or else that of its label."""
    if thing.name:
        return thing.name
    labels = [each for each in thing.getRelationSet() if each.getRelationType() == pyatspi.RELATION_LABELLED_BY]
    return labels[0].getTarget(0).name if labels else ""


def find(beginning, role, name, place=None):
    for window in windows(beginning):
        reached = place is None
        for thing in visible(window):
            if thing.getRoleName() != role or not thing.getState().contains(pyatspi.STATE_SENSITIVE):
                continue
            if reached and re.fullmatch(name, name_of(thing)):
                return thing
            reached = reached or name_of(thing) == place
    return None


def attempt(action, beginning, role, name, text=None):
    """Whether it could be done."""
    thing = find(beginning, role, name, text if action == "select" else None)
    if thing is None:
        return False
    if action == "press":
        return thing.queryAction().doAction(0)
    if action == "type":
        return thing.queryEditableText().setTextContents(text)
    if action == "select":
        return thing.queryComponent().grabFocus()
    print(thing.name)
    return True


def main():
    action, *words = sys.argv[1:]
    if action == "show":
        for window in windows(*words):
            print(window.name)
            for thing in visible(window):
                if name_of(thing):
                    print("  " + thing.getRoleName(), name_of(thing), sep=": ")
        return
    deadline = time.monotonic() + 60
    while time.monotonic() < deadline:
        try:
            if attempt(action, *words):
                return
        except (GLib.Error, LookupError, NotImplementedError):
            pass  # It went away, or is not complete yet.
        time.sleep(0.2)
    shown = [window.name for window in windows("")]
    sys.exit(f"Waited in vain to {action} {words}; there are the windows {shown}.")


main()
