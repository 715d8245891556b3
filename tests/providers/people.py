"""Who signs in, at every provider. Alice has the role `admin`; Bob has none."""


class Person:
    def __init__(self, user, name, roles):
        self.user, self.name, self.roles = user, name, roles
        self.given, self.family = name.split()
        self.email = f"{user}@example.com"
        self.password = f"correct horse of {user} 7!"


ALICE = Person("alice", "Alice Admin", ["admin"])
BOB = Person("bob", "Bob Builder", [])
PEOPLE = [ALICE, BOB]
