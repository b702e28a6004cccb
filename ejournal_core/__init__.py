"""What a school journal is: records, changes, rules and proofs. No Qt, SQL, network, clock or files."""
