-- The second database: everything in it has been released.
CREATE DATABASE chorus_record;
